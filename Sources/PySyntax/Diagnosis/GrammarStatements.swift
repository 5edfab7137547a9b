/// The grammar of Python 3.11 as the error pass walks it: statements. See `GrammarReader` for the notation.
///
/// Rules, their order and the order of alternatives decide which error is found first, so they follow the language's own
/// grammar; rules whose name begins with `bad_` match only wrong programs and name what is wrong with them.
enum GrammarText {
  static let statements: StaticString = #"""
    file = statements? ENDMARKER
    interactive = interactive_line
    eval = expressions NEWLINE* ENDMARKER
    func_type = '(' type_list? ')' '->' expression NEWLINE* ENDMARKER
    fstring = values

    statements = statement+
    statement = compound | one_line
    interactive_line = compound NEWLINE | one_line | NEWLINE | ENDMARKER => none
    one_line = simple !';' NEWLINE | ';'.simple+ ';'? NEWLINE
    simple # = assignment | values | &'return' return | &('import' | 'from') import | &'raise' raise
      | 'pass' | &'del' del | &'yield' yield_expr | &'assert' assert | 'break' | 'continue' | &'global' global
      | &'nonlocal' nonlocal
    compound = &('def' | '@' | 'async') function_def | &'if' if | &('class' | '@') class_def
      | &('with' | 'async') with | &('for' | 'async') for | &'try' try | &'while' while | match

    assignment = ^6 "Variable annotation syntax is" NAME ':' expression ('=' annotated_result)?
      | ^6 "Variable annotations syntax is" ('(' one_place ')' | member_place) ':' expression ('=' annotated_result)?
      | (places '=')+ (yield_expr | values) !'=' TYPE_COMMENT?
      | one_place updating_operator ~ (yield_expr | values)
      | bad_assignment
    annotated_result = yield_expr | values
    updating_operator = '+=' | '-=' | '*=' | ^5 "The '@' operator is" '@=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=' | '//='

    return = 'return' values?
    raise = 'raise' expression ('from' expression)? | 'raise'
    global = 'global' ','.NAME+
    nonlocal = 'nonlocal' ','.NAME+
    del = 'del' doomed &(';' | NEWLINE) | bad_del
    assert = 'assert' expression (',' expression)?
    import = import_name | import_from
    import_name = 'import' ','.module_alias+
    import_from = 'from' ('.' | '...')* module_path 'import' members | 'from' ('.' | '...')+ 'import' members
    members = '(' member_aliases ','? ')' | member_aliases !',' | '*' | bad_members
    member_aliases = ','.member_alias+
    member_alias = NAME ('as' NAME)?
    module_alias = module_path ('as' NAME)?
    module_path @ = module_path '.' NAME | NAME

    block # = NEWLINE INDENT statements DEDENT | one_line | bad_block
    decorators = ('@' condition NEWLINE)+
    class_def = decorators undecorated_class | undecorated_class
    undecorated_class = bad_class | 'class' NAME ('(' call_arguments? ')')? ':' block
    function_def = decorators undecorated_function | undecorated_function
    undecorated_function = bad_def
      | 'def' NAME &&'(' params? ')' ('->' expression)? &&':' signature_comment? block
      | ^5 "Async functions are" 'async' 'def' NAME &&'(' params? ')' ('->' expression)? &&':' signature_comment? block
    signature_comment = NEWLINE TYPE_COMMENT &(NEWLINE INDENT) | bad_two_comments | TYPE_COMMENT

    params = bad_params | parameters
    parameters = ^8 "Positional-only parameters are" before_slash bare_param* filled_param* after_star?
      | ^8 "Positional-only parameters are" before_slash_filled filled_param* after_star?
      | bare_param+ filled_param* after_star?
      | filled_param+ after_star?
      | after_star
    before_slash = bare_param+ '/' ',' | bare_param+ '/' &')'
    before_slash_filled = bare_param* filled_param+ '/' ',' | bare_param* filled_param+ '/' &')'
    after_star = bad_after_star
      | '*' bare_param any_param* keyword_rest?
      | '*' rest_param any_param* keyword_rest?
      | '*' ',' any_param+ keyword_rest?
      | keyword_rest
    keyword_rest = bad_keyword_rest | '**' bare_param
    bare_param = a:param ',' TYPE_COMMENT? => a | a:param TYPE_COMMENT? &')' => a
    rest_param = rest_name ',' TYPE_COMMENT? | rest_name TYPE_COMMENT? &')'
    filled_param = param default ',' TYPE_COMMENT? | param default TYPE_COMMENT? &')'
    any_param = param default? ',' TYPE_COMMENT? | param default? TYPE_COMMENT? &')'
    param = NAME annotation?
    rest_name = NAME rest_annotation
    annotation = ':' expression
    rest_annotation = ':' value_or_star
    default = '=' expression | bad_default

    if = bad_if | 'if' condition ':' block elif | 'if' condition ':' block else?
    elif = bad_elif | 'elif' condition ':' block elif | 'elif' condition ':' block else?
    else = bad_else | 'else' &&':' block
    while = bad_while | 'while' condition ':' block else?
    for = bad_for
      | 'for' places 'in' ~ values ':' TYPE_COMMENT? block else?
      | ^5 "Async for loops are" 'async' 'for' places 'in' ~ values ':' TYPE_COMMENT? block else?
      | bad_for_target
    with = bad_with_indent
      | ^9 "Parenthesized context managers are" 'with' '(' ','.with_item+ ','? ')' ':' block
      | 'with' ','.with_item+ ':' TYPE_COMMENT? block
      | ^5 "Async with statements are" 'async' 'with' '(' ','.with_item+ ','? ')' ':' block
      | ^5 "Async with statements are" 'async' 'with' ','.with_item+ ':' TYPE_COMMENT? block
      | bad_with
    with_item = expression 'as' place &(',' | ')' | ':') | bad_with_item | expression
    try = bad_try
      | 'try' &&':' block finally
      | 'try' &&':' block except+ else? finally?
      | ^11 "Exception groups are" 'try' &&':' block except_star+ else? finally?
    except = bad_except_indent | 'except' expression ('as' NAME)? ':' block | 'except' ':' block | bad_except
    except_star = bad_except_star_indent | 'except' '*' expression ('as' NAME)? ':' block | bad_except
    finally = bad_finally | 'finally' &&':' block

    match = ^10 "Pattern matching is" "match" subject ':' NEWLINE INDENT case_block+ DEDENT | bad_match
    subject = item ',' items? | condition
    case_block = bad_case | "case" patterns guard? ':' block
    guard = 'if' condition
    patterns = bare_sequence | pattern
    pattern = bound_pattern | alternatives_pattern
    bound_pattern = alternatives_pattern 'as' captured | bad_bound_pattern
    alternatives_pattern = a:'|'.simple_pattern+ => single a
    simple_pattern # = literal_pattern | captured | "_" | value_pattern | group_pattern | sequence_pattern
      | mapping_pattern | class_pattern
    literal_pattern = signed_number !('+' | '-') | complex_number | strings | 'None' | 'True' | 'False'
    complex_number = signed_real '+' imaginary | signed_real '-' imaginary
    signed_number = NUMBER | '-' NUMBER
    signed_real = real_number | '-' real_number
    real_number = a:NUMBER => call ensureReal a
    imaginary = a:NUMBER => call ensureImaginary a
    captured = !"_" NAME !('.' | '(' | '=')
    value_pattern = dotted !('.' | '(' | '=')
    dotted @ = path '.' NAME
    path ! = dotted | NAME
    group_pattern = '(' a:pattern ')' => a
    sequence_pattern = '[' element_patterns? ']' | '(' bare_sequence? ')'
    bare_sequence = element_pattern ',' element_patterns?
    element_patterns = ','.element_pattern+ ','?
    element_pattern = star_pattern | pattern
    star_pattern # = '*' captured | '*' "_"
    mapping_pattern = '{' '}' | '{' mapping_rest ','? '}' | '{' mapping_items ',' mapping_rest ','? '}'
      | '{' mapping_items ','? '}'
    mapping_items = ','.mapping_item+
    mapping_item = (literal_pattern | dotted) ':' pattern
    mapping_rest = '**' captured
    class_pattern = path '(' ')'
      | path '(' class_positions ','? ')'
      | path '(' class_members ','? ')'
      | path '(' class_positions ',' class_members ','? ')'
      | bad_class_pattern
    class_positions = ','.pattern+
    class_members = ','.class_member+
    class_member = NAME '=' pattern
    type_list = ','.expression+ ',' '*' expression ',' '**' expression
      | ','.expression+ ',' '*' expression
      | ','.expression+ ',' '**' expression
      | '*' expression ',' '**' expression
      | '*' expression
      | '**' expression
      | ','.expression+
    """#
}
