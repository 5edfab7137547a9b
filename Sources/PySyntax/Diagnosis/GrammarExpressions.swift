/// The grammar of Python 3.11 as the error pass walks it: expressions and targets.
extension GrammarText {
  static let expressions: StaticString = #"""
    expressions = a:expression b:(',' c:expression => c)+ ','? => Tuple a b | a:expression ',' => Tuple a | expression
    expression # = bad_expression
      | bad_legacy
      | disjunction 'if' disjunction 'else' expression => IfExp
      | disjunction
      | lambda
    yield_expr = 'yield' 'from' expression => Yield | 'yield' star_expressions? => Yield
    star_expressions = a:star_expression b:(',' c:star_expression => c)+ ','? => Tuple a b
      | a:star_expression ',' => Tuple a
      | star_expression
    star_expression # = '*' a:bitwise_or => Starred a | expression
    star_named_expressions = a:','.star_named_expression+ ','? => a
    star_named_expression = '*' a:bitwise_or => Starred a | named_expression
    assignment_expression = ^8 "Assignment expressions are" NAME ':=' ~ expression => NamedExpr
    named_expression = assignment_expression | bad_named | a:expression !':=' => a

    disjunction # = conjunction ('or' conjunction)+ => BoolOp | conjunction
    conjunction # = inversion ('and' inversion)+ => BoolOp | inversion
    inversion # = 'not' inversion => UnaryOp | comparison
    comparison = a:bitwise_or b:comparison_pair+ => Compare a b | bitwise_or
    comparison_pair = eq_pair | ne_pair | le_pair | lt_pair | ge_pair | gt_pair | not_in_pair | in_pair | is_not_pair | is_pair
    eq_pair = '==' bitwise_or
    ne_pair = (a:'!=' => call inequality a) bitwise_or
    le_pair = '<=' bitwise_or
    lt_pair = '<' bitwise_or
    ge_pair = '>=' bitwise_or
    gt_pair = '>' bitwise_or
    not_in_pair = 'not' 'in' bitwise_or
    in_pair = 'in' bitwise_or => InPair
    is_not_pair = 'is' 'not' bitwise_or
    is_pair = 'is' bitwise_or
    bitwise_or @ = bitwise_or '|' bitwise_xor => BinOp | bitwise_xor
    bitwise_xor @ = bitwise_xor '^' bitwise_and => BinOp | bitwise_and
    bitwise_and @ = bitwise_and '&' shift => BinOp | shift
    shift @ = shift '<<' sum => BinOp | shift '>>' sum => BinOp | sum
    sum @ = sum '+' term => BinOp | sum '-' term => BinOp | term
    term @ = term '*' factor => BinOp | term '/' factor => BinOp | term '//' factor => BinOp | term '%' factor => BinOp
      | ^5 "The '@' operator is" term '@' factor => BinOp | factor
    factor # = '+' factor => UnaryOp | '-' factor => UnaryOp | '~' factor => UnaryOp | power
    power = await_primary '**' factor => BinOp | await_primary
    await_primary # = ^5 "Await expressions are" 'await' primary => Await | primary
    primary @ = primary '.' NAME => Attribute
      | primary genexp => Call
      | primary '(' arguments? ')' => Call
      | primary '[' slices ']' => Subscript
      | atom
    slices = a:slice !',' => a | a:','.(slice | starred_expression)+ ','? => Tuple a
    slice = expression? ':' expression? (':' expression?)? => Slice | named_expression
    atom = NAME | 'True' => True | 'False' => False | 'None' => None | &STRING strings | NUMBER
      | &'(' (tuple | group | genexp) | &'[' (list | listcomp) | &'{' (dict | set | dictcomp | setcomp) | '...' => Ellipsis
    group = '(' a:(yield_expr | named_expression) ')' => a | bad_group
    lambda = 'lambda' lambda_params? ':' expression => Lambda
    lambda_params = bad_lambda_params | lambda_parameters
    lambda_parameters = ^8 "Positional-only parameters are" lambda_slash_plain lambda_plain* lambda_default* lambda_star_etc?
      | ^8 "Positional-only parameters are" lambda_slash_default lambda_default* lambda_star_etc?
      | lambda_plain+ lambda_default* lambda_star_etc?
      | lambda_default+ lambda_star_etc?
      | lambda_star_etc
    lambda_slash_plain = lambda_plain+ '/' ',' | lambda_plain+ '/' &':'
    lambda_slash_default = lambda_plain* lambda_default+ '/' ',' | lambda_plain* lambda_default+ '/' &':'
    lambda_star_etc = bad_lambda_star_etc
      | '*' lambda_plain lambda_maybe* lambda_kwds?
      | '*' ',' lambda_maybe+ lambda_kwds?
      | lambda_kwds
    lambda_kwds = bad_lambda_kwds | '**' lambda_plain
    lambda_plain = a:lambda_param ',' => a | a:lambda_param &':' => a
    lambda_default = lambda_param default ',' | lambda_param default &':'
    lambda_maybe = lambda_param default? ',' | lambda_param default? &':'
    lambda_param = NAME

    strings # = a:STRING+ => call strings a
    list = '[' a:star_named_expressions? ']' => List a
    tuple = '(' a:(b:star_named_expression ',' c:star_named_expressions? => seq b c)? ')' => Tuple a
    set = '{' star_named_expressions '}' => Set
    dict = '{' pairs? '}' => Dict | '{' bad_pairs '}'
    pairs = ','.pair+ ','?
    pair = '**' bitwise_or | key_value
    key_value = expression ':' expression
    for_if_clauses = a:for_if_clause+ => a
    for_if_clause = ^6 "Async comprehensions are" 'async' 'for' star_targets 'in' ~ b:disjunction c:('if' z:disjunction => z)* => seq b c
      | 'for' star_targets 'in' ~ b:disjunction c:('if' z:disjunction => z)* => seq b c
      | bad_for_target
    listcomp = '[' named_expression for_if_clauses ']' => ListComp | bad_comprehension
    setcomp = '{' named_expression for_if_clauses '}' => SetComp | bad_comprehension
    genexp = '(' (assignment_expression | a:expression !':=' => a) for_if_clauses ')' => GeneratorExp | bad_comprehension
    dictcomp = '{' key_value for_if_clauses '}' => DictComp | bad_dict_comprehension

    arguments # = a:args ','? &')' => a | bad_arguments
    args = a:','.(starred_expression | b:(assignment_expression | c:expression !':=' => c) !'=' => b)+ b:(',' k:kwargs => k)? => args a b
      | a:kwargs => args a
    kwargs = a:','.kwarg_or_starred+ ',' b:','.kwarg_or_double_starred+ => seq a b
      | ','.kwarg_or_starred+
      | ','.kwarg_or_double_starred+
    starred_expression = '*' a:expression => Starred a
    kwarg_or_starred = bad_kwarg | NAME '=' expression => Keyword | starred_expression
    kwarg_or_double_starred = bad_kwarg | NAME '=' expression => Keyword | '**' expression => DoubleStarred

    star_targets = a:star_target !',' => a | a:star_target b:(',' c:star_target => c)* ','? => Tuple a b
    star_targets_list = ','.star_target+ ','?
    star_targets_tuple = star_target (',' star_target)+ ','? | star_target ','
    star_target # = '*' (!'*' star_target) => Starred | target_with_star_atom
    target_with_star_atom # = t_primary '.' NAME !t_lookahead => Attribute | t_primary '[' slices ']' !t_lookahead => Subscript
      | star_atom
    star_atom = NAME | '(' target_with_star_atom ')' | '(' star_targets_tuple? ')' | '[' star_targets_list? ']'
    single_target = attribute_target | NAME | '(' single_target ')'
    attribute_target = t_primary '.' NAME !t_lookahead | t_primary '[' slices ']' !t_lookahead
    t_primary @ = t_primary '.' NAME &t_lookahead
      | t_primary '[' slices ']' &t_lookahead
      | t_primary genexp &t_lookahead
      | t_primary '(' arguments? ')' &t_lookahead
      | atom &t_lookahead
    t_lookahead = '(' | '[' | '.'
    del_targets = ','.del_target+ ','?
    del_target # = t_primary '.' NAME !t_lookahead | t_primary '[' slices ']' !t_lookahead | del_atom
    del_atom = NAME | '(' del_target ')' | '(' del_targets? ')' | '[' del_targets? ']'
    """#
}
